# Every device that may join a campaign and still runs the old firmware.
data "aep_upgrade_devices" "candidates" {
  product_id  = 10005977
  scope       = "candidates"
  max_results = 20000

  lifecycle {
    postcondition {
      condition     = !self.truncated
      error_message = "The product has ${self.total} candidates; select some of them by device_group_id."
    }
  }
}

output "outdated" {
  value = [for device in data.aep_upgrade_devices.candidates.devices : device.device_id if device.firmware_version == "1.0.0"]
}
