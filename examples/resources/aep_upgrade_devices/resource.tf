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

# A file has one id a line, for fleets of any size. Devices that have the
# firmware already do not join.
resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
  skip_current    = true
}

# A list is for a few devices. The set has its own name, so that both sets can
# share the task.
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
