output "task_id" {
  description = "Id of the task on the platform."
  value       = aep_upgrade_task.meters.task_id
}

output "in_group" {
  description = "Number of devices in the group. The plan shows it."
  value       = one(data.aep_device_group.devices[*].member_count)
}

output "devices" {
  description = "Number of devices in the task."
  value       = data.aep_upgrade_task.meters.device_count
}

output "skipped" {
  description = "Number of devices that have another version."
  value       = aep_upgrade_devices.fleet.skipped_count
}

output "waiting" {
  description = "Number of devices that wait for the start."
  value       = data.aep_upgrade_task.meters.progress.waiting_count
}

output "report" {
  description = "State of the devices, as a table for people."
  value       = data.aep_upgrade_subtasks.meters.markdown
}
