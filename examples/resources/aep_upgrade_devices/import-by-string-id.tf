import {
  to = aep_upgrade_devices.canary
  id = "10005977/3456/canary"
}
