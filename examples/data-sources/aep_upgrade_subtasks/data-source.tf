# The failed devices of a finished campaign, with their result codes.
data "aep_upgrade_tasks" "finished" {
  product_id = 10005986
  statuses   = ["finished"]
}

data "aep_upgrade_subtasks" "failed" {
  count      = min(length(data.aep_upgrade_tasks.finished.tasks), 1)
  product_id = 10005986
  task_id    = data.aep_upgrade_tasks.finished.tasks[0].task_id
  phases     = ["failed"]
}

output "failed" {
  value = {
    for subtask in flatten(data.aep_upgrade_subtasks.failed[*].subtasks) : subtask.device_id => subtask.result_code
  }
}
