# A campaign that is prepared in Terraform and may be changed in the console. The
# workflow in this folder reports changes every night. There are no variables: write
# the names of your product, firmware and task, and your devices.txt.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }

  # The job and the practitioners share the state, so configure a backend:
  # backend "s3" {}
}

# Credentials come from the environment. The job also sets AEP_READ_ONLY: it has
# production keys, but can't make changes.
provider "aep" {}

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
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"

  # Compare every device and not only their number: a swap is drift too.
  drift_detection = "full"

  # A device that is added in the console is drift. The plan counts such devices,
  # and an apply cancels them.
  exclusive = true
}

# This counter rises while devices are upgraded. That is not drift.
data "aep_upgrade_task" "meters" {
  product_id = aep_upgrade_task.meters.product_id
  task_id    = aep_upgrade_task.meters.task_id
}

output "succeeded" {
  description = "Number of devices with the new firmware."
  value       = data.aep_upgrade_task.meters.progress.succeeded_count
}
