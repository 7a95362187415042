# A campaign that people prepare in Terraform and others may touch in the
# console. The workflow beside it looks every night whether they have.

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

# Credentials come from the environment. The job sets AEP_READ_ONLY besides, so
# that it can hold production keys without being able to change anything.
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

  # Every device, not their number alone: two that were swapped are drift too.
  drift_detection = "full"

  # Nobody else may add devices.
  exclusive = true
}
