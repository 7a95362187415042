# Campaigns that have not been started, with their import ids.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_tasks" "forgotten" {
  product_id    = data.aep_product.meters.product_id
  name_contains = "2026"
  statuses      = ["pending"]
}

output "forgotten" {
  value = { for task in data.aep_upgrade_tasks.forgotten.tasks : task.name => task.id }
}
