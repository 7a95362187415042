# The progress of a campaign, found by its name.
data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "spring" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters 1.3251, spring"
}

output "progress" {
  value = data.aep_upgrade_task.spring.progress
}
