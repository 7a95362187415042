import {
  to = aep_upgrade_devices.laboratory
  identity = {
    product_id = 10005977
    task_id    = 3456
    name       = "laboratory"
  }
}
