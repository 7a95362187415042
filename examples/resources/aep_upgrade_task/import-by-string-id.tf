import {
  to = aep_upgrade_task.meters
  id = "10005977/3456"
}
