# A module around the provider. It upgrades 1 % of the devices, and the others
# only if canary_only is false and all of the first have succeeded. Its tests need
# no platform and no credentials:
#
#   terraform init
#   terraform test
#
# No variable is required. With a platform, in this order:
#
#   terraform apply -var device_ids_file=FILE
#   terraform apply -var device_ids_file=FILE -var canary_only=false
#
# The default list has a dozen devices of the simulated platform (make simulate).
# None of them is in the first wave, which then starts nothing.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

variable "product" {
  description = "Name of the product whose devices are upgraded."
  type        = string
  default     = "Water meters"
}

variable "firmware_version" {
  description = "Version of the firmware for the devices."
  type        = string
  default     = "1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line. The default is devices.txt next to this configuration."
  type        = string
  default     = null
}

variable "canary_only" {
  description = "Upgrade only 1 % of the devices. With false, the others follow once the first have succeeded."
  type        = bool
  default     = true
}

locals {
  waves           = var.canary_only ? { canary = 0 } : { canary = 0, rest = 1 }
  device_ids_file = coalesce(var.device_ids_file, "${path.module}/devices.txt")
}

data "aep_product" "this" {
  name = var.product
}

data "aep_firmware" "target" {
  product_id = data.aep_product.this.product_id
  version    = var.firmware_version
}

resource "aep_upgrade_task" "wave" {
  for_each = local.waves

  product_id  = data.aep_product.this.product_id
  firmware_id = data.aep_firmware.target.firmware_id
  name        = "Firmware ${var.firmware_version}, ${each.key}"
  retry_times = 2

  lifecycle {
    precondition {
      condition     = data.aep_product.this.protocol == "lwm2m"
      error_message = "This module is for LwM2M. ${var.product} uses ${data.aep_product.this.protocol}."
    }
  }
}

resource "aep_upgrade_devices" "wave" {
  for_each = local.waves

  product_id      = aep_upgrade_task.wave[each.key].product_id
  task_id         = aep_upgrade_task.wave[each.key].task_id
  device_ids_file = local.device_ids_file

  wave = {
    weights = [1, 99]
    index   = each.value
  }

  lifecycle {
    postcondition {
      condition     = self.missing_count == 0
      error_message = "${self.missing_count} devices could not be attached; nothing will be started."
    }
  }
}

resource "aep_upgrade_rollout" "canary" {
  product_id            = aep_upgrade_task.wave["canary"].product_id
  task_id               = aep_upgrade_task.wave["canary"].task_id
  expected_device_count = aep_upgrade_devices.wave["canary"].device_count
  wait_for              = "finished"
}

# The rest starts only after every device of the canary has succeeded.
resource "aep_upgrade_rollout" "rest" {
  count = var.canary_only ? 0 : 1

  product_id              = aep_upgrade_task.wave["rest"].product_id
  task_id                 = aep_upgrade_task.wave["rest"].task_id
  expected_device_count   = aep_upgrade_devices.wave["rest"].device_count
  wait_for                = "finished"
  minimum_success_percent = 95

  depends_on = [aep_upgrade_rollout.canary]
}

output "tasks" {
  description = "Ids of the tasks on the platform by wave."
  value       = { for wave, task in aep_upgrade_task.wave : wave => task.task_id }
}

output "succeeded" {
  description = "Number of devices with the new firmware by wave."
  value = merge(
    { canary = aep_upgrade_rollout.canary.succeeded_count },
    { for rollout in aep_upgrade_rollout.rest : "rest" => rollout.succeeded_count },
  )
}
