# One wave: a task, its share of the devices, and the rollout that starts and
# judges the task.

terraform {
  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

resource "aep_upgrade_task" "this" {
  product_id  = var.campaign.product_id
  firmware_id = var.campaign.firmware_id
  name        = "${var.campaign.name}, ${var.title}"
  retry_times = 2
}

resource "aep_upgrade_devices" "this" {
  product_id      = aep_upgrade_task.this.product_id
  task_id         = aep_upgrade_task.this.task_id
  device_ids_file = var.campaign.device_ids_file

  wave = {
    weights = var.campaign.weights
    index   = var.index
    seed    = var.campaign.seed
  }
}

resource "aep_upgrade_rollout" "this" {
  product_id = aep_upgrade_devices.this.product_id
  task_id    = aep_upgrade_devices.this.task_id

  # The task starts only after the whole share has joined. An empty share is 0,
  # and starts nothing.
  expected_device_count = aep_upgrade_devices.this.device_count

  wait_for                = "finished"
  minimum_success_percent = var.minimum_success_percent
  abort_failure_percent   = var.abort_failure_percent
  abort_minimum_devices   = var.abort_minimum_devices
  poll_interval           = var.campaign.poll_interval
}
