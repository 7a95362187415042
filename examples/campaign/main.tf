# A complete campaign without its start: the task, its devices and a report. It
# finds product, firmware and devices by name, so it contains no id. No device is
# upgraded yet; aep_upgrade_rollout starts the task.
#
# No variable is required: the defaults are names on the simulated platform (make
# simulate). With an account, pass your own:
#
#   terraform apply -var product="Water meters" -var firmware_version=1.3251 \
#     -var group=north -var 'from_versions=["1.2800","1.3000"]'
#
# -var device_ids_file=FILE replaces the group. terraform destroy removes the task.
# The guide "Your first campaign" starts it instead.

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

data "aep_product" "meters" {
  name = var.product
}

data "aep_firmware" "target" {
  product_id = data.aep_product.meters.product_id
  version    = var.firmware_version
}

data "aep_device_group" "devices" {
  count = var.device_ids_file == null ? 1 : 0

  product_id = data.aep_product.meters.product_id
  name       = var.group
}

resource "aep_upgrade_task" "meters" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = var.name
  description = "Fixes the valve that sticks below 2 °C"
  retry_times = 2

  lifecycle {
    precondition {
      condition     = data.aep_product.meters.protocol == "lwm2m"
      error_message = "retry_times is for LwM2M. This product uses ${data.aep_product.meters.protocol}: set timeout_hours instead."
    }
  }
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_group_id = one(data.aep_device_group.devices[*].group_id)
  device_ids_file = var.device_ids_file

  # Only devices that report one of these versions join, or that report none.
  from_versions = var.from_versions

  lifecycle {
    postcondition {
      condition     = self.missing_count == 0
      error_message = "${self.missing_count} devices could not be attached; see the attribute failures."
    }
  }
}

# These are read after the campaign is written.
data "aep_upgrade_task" "meters" {
  product_id = aep_upgrade_devices.fleet.product_id
  task_id    = aep_upgrade_devices.fleet.task_id

  depends_on = [aep_upgrade_task.meters, aep_upgrade_devices.fleet]
}

data "aep_upgrade_subtasks" "meters" {
  product_id  = aep_upgrade_devices.fleet.product_id
  task_id     = aep_upgrade_devices.fleet.task_id
  max_results = 5

  depends_on = [aep_upgrade_task.meters, aep_upgrade_devices.fleet]
}

# A failed check is a warning. This one warns if devices were added elsewhere.
check "only_our_devices" {
  assert {
    condition     = data.aep_upgrade_task.meters.device_count == aep_upgrade_devices.fleet.attached_count
    error_message = "The task holds ${data.aep_upgrade_task.meters.device_count} devices, the set ${aep_upgrade_devices.fleet.attached_count}."
  }
}
