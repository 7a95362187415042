output "task_id" {
  description = "Number of the task on the platform."
  value       = aep_upgrade_task.meters.task_id
}

output "devices" {
  description = "How many devices the task holds."
  value       = data.aep_upgrade_task.meters.device_count
}

output "waiting" {
  description = "How many of them wait for the start."
  value       = data.aep_upgrade_subtasks.waiting.total
}
