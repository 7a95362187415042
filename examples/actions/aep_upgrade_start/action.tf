# terraform apply -invoke action.aep_upgrade_start.meters
action "aep_upgrade_start" "meters" {
  config {
    product_id = aep_upgrade_task.meters.product_id
    task_id    = aep_upgrade_task.meters.task_id

    wait_for                = "finished"
    minimum_success_percent = 98
    abort_failure_percent   = 5
  }
}
