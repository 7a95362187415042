import {
  to = aep_upgrade_rollout.meters
  id = "10005977/3456"
}
