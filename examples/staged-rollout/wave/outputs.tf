output "result" {
  description = "Id of the task, and the results of its devices."
  value = {
    task_id   = aep_upgrade_rollout.this.task_id
    status    = aep_upgrade_rollout.this.status
    devices   = aep_upgrade_rollout.this.total_count
    succeeded = aep_upgrade_rollout.this.succeeded_count
    failed    = aep_upgrade_rollout.this.failed_count
  }
}
