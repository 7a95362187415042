# The devices that failed in the campaigns that have finished, and why.
data "aep_upgrade_tasks" "finished" {
  product_id = 10005986
  statuses   = ["finished"]
}

data "aep_upgrade_subtasks" "failed" {
  for_each   = { for task in data.aep_upgrade_tasks.finished.tasks : task.id => task.task_id }
  product_id = 10005986
  task_id    = each.value
  phases     = ["failed"]
}

output "failed" {
  value = {
    for id, found in data.aep_upgrade_subtasks.failed : id => {
      counts = found.counts
      causes = { for subtask in found.subtasks : subtask.device_id => subtask.result_code }
    }
  }
}
