# A campaign that people prepare in Terraform and others may change in the
# console. The workflow beside it reports every night what has changed.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }

  # The job and the people share the state, so give it a backend of yours:
  # backend "s3" {}
}

# Credentials come from the environment. The job sets AEP_READ_ONLY too: it holds
# production keys and can change nothing.
provider "aep" {}

resource "aep_upgrade_task" "meters" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters to 1.3251"
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"

  # Compare every device, not only their number: a swap of two is drift too.
  drift_detection = "full"

  # A device that somebody else adds is drift. The plan counts such devices, and
  # an apply cancels them.
  exclusive = true
}

# A counter. It rises while the devices are upgraded, and that is not drift.
data "aep_upgrade_task" "meters" {
  product_id = aep_upgrade_task.meters.product_id
  task_id    = aep_upgrade_task.meters.task_id
}

output "succeeded" {
  description = "How many devices run the new firmware."
  value       = data.aep_upgrade_task.meters.progress.succeeded_count
}
