# A module around the provider. It upgrades 1 % of the devices, and the others
# only if canary_only is false. Its tests need no platform and no credentials:
#
#   terraform init
#   terraform test

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
  description = "Upgrade only 1 % of the devices, and the others after a later change."
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

output "tasks" {
  description = "Ids of the tasks on the platform by wave."
  value       = { for wave, task in aep_upgrade_task.wave : wave => task.task_id }
}

output "succeeded" {
  description = "Number of canary devices with the new firmware."
  value       = aep_upgrade_rollout.canary.succeeded_count
}
