data "aep_upgrade_task" "meters" {
  product_id    = data.aep_product.meters.product_id
  name          = "Water meters to 1.3251"
  with_progress = false
}

data "aep_upgrade_subtasks" "succeeded" {
  product_id  = data.aep_upgrade_task.meters.product_id
  task_id     = data.aep_upgrade_task.meters.task_id
  phases      = ["succeeded"]
  max_results = 20000

  lifecycle {
    postcondition {
      condition     = !self.truncated
      error_message = "${self.total} devices have succeeded, more than max_results."
    }
  }
}

# terraform output -raw succeeded > roll-back.txt
output "succeeded" {
  value     = data.aep_upgrade_subtasks.succeeded.device_ids_text
  sensitive = true # keeps the list out of the terminal
}
