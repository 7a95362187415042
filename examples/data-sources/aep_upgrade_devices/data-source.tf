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

locals {
  outdated = [for device in data.aep_upgrade_devices.candidates.devices : device.device_id if device.firmware_version == "1.0.0"]
}

output "outdated_count" {
  value = length(local.outdated)
}

# terraform output -raw outdated > devices.txt
# As text, since Terraform takes minutes to compare long lists, and sensitive,
# to keep it off the screen.
output "outdated" {
  value     = join("\n", local.outdated)
  sensitive = true
}
