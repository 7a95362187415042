resource "aep_upgrade_rollout" "meters" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count
  on_destroy            = "cancel"
}
