resource "aep_upgrade_devices" "outdated" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  name            = "outdated"
  device_ids_file = "${path.module}/devices.txt"

  from_versions    = ["1.2800", "1.3000"]
  unknown_versions = "skip"
}
