import {
  to = aep_upgrade_task.meters
  id = provider::aep::task_id(10005977, 3456)
}

resource "aep_upgrade_task" "meters" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters to 1.3251"
  retry_times = 2
}
