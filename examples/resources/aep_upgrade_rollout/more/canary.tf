resource "aep_upgrade_task" "canary" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Water meters to 1.3251, canary"
  retry_times = 2
}

resource "aep_upgrade_devices" "canary" {
  product_id = aep_upgrade_task.canary.product_id
  task_id    = aep_upgrade_task.canary.task_id
  device_ids = ["f11853c1e650682625c4cc57eb85601b"]
}

resource "aep_upgrade_rollout" "canary" {
  product_id            = aep_upgrade_task.canary.product_id
  task_id               = aep_upgrade_task.canary.task_id
  expected_device_count = aep_upgrade_devices.canary.device_count
  wait_for              = "finished"
}

resource "aep_upgrade_rollout" "rest" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count
  wait_for              = "finished"

  depends_on = [aep_upgrade_rollout.canary]
}
