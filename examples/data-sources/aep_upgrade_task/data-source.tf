# How far has every campaign come that is under way?
data "aep_upgrade_tasks" "running" {
  product_id = 10005977
  statuses   = ["running"]
}

data "aep_upgrade_task" "running" {
  for_each   = { for task in data.aep_upgrade_tasks.running.tasks : task.id => task.task_id }
  product_id = 10005977
  task_id    = each.value
}

output "success_percent" {
  value = { for task in data.aep_upgrade_task.running : task.name => task.progress.success_percent }
}
