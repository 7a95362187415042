# Starts the task when it holds every device of the list, and watches it to the
# end. Once ten devices are done, more than one failure in twenty cancels the rest.
resource "aep_upgrade_rollout" "meters" {
  product_id            = aep_upgrade_task.meters.product_id
  task_id               = aep_upgrade_task.meters.task_id
  expected_device_count = aep_upgrade_devices.fleet.device_count

  wait_for                = "finished"
  minimum_success_percent = 98
  abort_failure_percent   = 5

  timeouts {
    create = "6h"
  }
}
