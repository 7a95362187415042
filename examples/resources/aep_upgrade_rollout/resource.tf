data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = "1.3251"
}

resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251"
  retry_times = 2
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}

resource "aep_upgrade_rollout" "meters" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count

  wait_for                = "finished"
  minimum_success_percent = 98
  abort_failure_percent   = 5
  abort_minimum_devices   = 50
}
