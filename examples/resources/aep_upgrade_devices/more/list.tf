resource "aep_upgrade_devices" "laboratory" {
  product_id = aep_upgrade_task.meters.product_id
  task_id    = aep_upgrade_task.meters.task_id
  name       = "laboratory"
  device_ids = [
    "f11853c1e650682625c4cc57eb85601b",
    "ceab0e4b5fa8fd06548273db67ff589d",
  ]

  lifecycle {
    postcondition {
      condition     = self.missing_count == 0
      error_message = "Not attached: ${join(", ", self.missing_device_ids)}."
    }
  }
}
