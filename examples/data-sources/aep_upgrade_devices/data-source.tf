# All devices with the old firmware that can join a campaign.
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
#
# The output is text, because Terraform takes minutes to compare long lists. It
# is sensitive, so that Terraform does not print it.
output "outdated" {
  value     = join("\n", local.outdated)
  sensitive = true
}
