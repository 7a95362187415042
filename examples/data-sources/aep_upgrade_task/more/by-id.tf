data "aep_upgrade_task" "meters" {
  product_id    = data.aep_product.meters.product_id
  task_id       = 3456
  with_progress = false
}

output "status" {
  value = data.aep_upgrade_task.meters.status
}
