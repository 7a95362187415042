# A campaign for a pipeline. The workflows in this folder plan it, start it after an
# approval, and judge it when it has finished. No job waits for days.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }

  # All jobs share the state, so configure a backend with a lock:
  # backend "s3" {}
}

# Credentials come from the environment. Each job also sets AEP_READ_ONLY or
# AEP_MAX_DEVICES_PER_RUN. An argument here would override its variable, so the
# workflows refuse read_only and max_devices_per_run in provider blocks.
provider "aep" {}

variable "wait_for" {
  description = "Progress of the task that an apply waits for. The workflow Campaign keeps the default, the workflow Finish sets finished."
  type        = string
  default     = "started"

  validation {
    condition     = contains(["started", "finished"], var.wait_for)
    error_message = "The value is started or finished."
  }
}

variable "watch_limit" {
  description = "Time limit of one watch. It is shorter than the time limit of the job."
  type        = string
  default     = "5h"
}

variable "poll_interval" {
  description = "Time between two reads of the task."
  type        = string
  default     = "60s"
}

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
  retry_times = 0
}

resource "aep_upgrade_devices" "fleet" {
  product_id      = aep_upgrade_task.meters.product_id
  task_id         = aep_upgrade_task.meters.task_id
  device_ids_file = "${path.module}/devices.txt"
}

# The gates are judged only while an apply waits for finished.
resource "aep_upgrade_rollout" "meters" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count

  wait_for                = var.wait_for
  minimum_success_percent = var.wait_for == "finished" ? 95 : null
  abort_failure_percent   = var.wait_for == "finished" ? 5 : null
  abort_minimum_devices   = var.wait_for == "finished" ? 10 : null
  poll_interval           = var.poll_interval

  timeouts {
    update = var.watch_limit
  }
}
