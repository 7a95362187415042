# The progress of a campaign.
resource "aep_upgrade_task" "spring" {
  product_id  = 10005977
  firmware_id = 3297
  name        = "Water meters 1.3251, spring"
  retry_times = 2
}

data "aep_upgrade_task" "spring" {
  product_id = 10005977
  task_id    = aep_upgrade_task.spring.task_id
}

output "progress" {
  value = data.aep_upgrade_task.spring.progress
}
