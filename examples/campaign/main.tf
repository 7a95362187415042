# A complete campaign without its start: the task, its devices from a file, and
# their states. No device is upgraded yet; aep_upgrade_rollout starts the task.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# Credentials come from the environment: AEP_APP_KEY, AEP_APP_SECRET, and
# AEP_MASTER_KEY or AEP_MASTER_KEYS.
provider "aep" {}

locals {
  device_ids_file = coalesce(var.device_ids_file, "${path.module}/devices.txt")
}

resource "aep_upgrade_task" "meters" {
  product_id  = var.product_id
  firmware_id = var.firmware_id
  name        = var.name
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = local.device_ids_file

  lifecycle {
    precondition {
      condition     = aep_upgrade_task.meters.protocol == "lwm2m"
      error_message = "The list holds LwM2M devices, but the product uses another protocol."
    }
    postcondition {
      condition     = self.missing_count == 0
      error_message = "${self.missing_count} devices could not be attached; see the attribute failures."
    }
  }
}

# These are read after the devices are attached.
data "aep_upgrade_task" "meters" {
  product_id = aep_upgrade_devices.fleet.product_id
  task_id    = aep_upgrade_devices.fleet.task_id

  depends_on = [aep_upgrade_devices.fleet]
}

data "aep_upgrade_subtasks" "waiting" {
  product_id  = aep_upgrade_devices.fleet.product_id
  task_id     = aep_upgrade_devices.fleet.task_id
  phases      = ["waiting"]
  max_results = 5

  depends_on = [aep_upgrade_devices.fleet]
}

# A failed check is a warning. This one warns if devices were added elsewhere.
check "only_our_devices" {
  assert {
    condition     = data.aep_upgrade_task.meters.device_count == aep_upgrade_devices.fleet.device_count
    error_message = "The task holds ${data.aep_upgrade_task.meters.device_count} devices, the list ${aep_upgrade_devices.fleet.device_count}."
  }
}
