import {
  to = aep_upgrade_devices.laboratory
  id = "10005977/3456/laboratory"
}
