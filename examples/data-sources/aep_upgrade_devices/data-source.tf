# All devices of a group that can join a campaign.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_device_group" "north" {
  product_id = data.aep_product.meters.product_id
  name       = "north"
}

data "aep_upgrade_devices" "candidates" {
  product_id      = data.aep_product.meters.product_id
  scope           = "candidates"
  device_group_id = data.aep_device_group.north.group_id
  max_results     = 20000

  lifecycle {
    postcondition {
      condition     = !self.truncated
      error_message = "The group has ${self.total} candidates, more than max_results."
    }
  }
}

output "candidate_count" {
  value = data.aep_upgrade_devices.candidates.total
}

# terraform output -raw candidates > devices.txt
#
# The output is text, because Terraform takes minutes to compare long lists. It
# is sensitive, so that Terraform does not print it.
output "candidates" {
  value     = data.aep_upgrade_devices.candidates.device_ids_text
  sensitive = true
}
