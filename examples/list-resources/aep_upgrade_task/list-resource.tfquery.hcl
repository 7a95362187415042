# terraform query -var product_id=10005977 -generate-config-out=tasks.tf
#
# A query reads no data sources, so it can't find the product by name. The console
# shows the id under 产品概况, and data source aep_product has it.
variable "product_id" {
  type = number
}

list "aep_upgrade_task" "unfinished" {
  provider         = aep
  include_resource = true
  limit            = 1000

  config {
    product_id = var.product_id
    statuses   = ["pending", "running"]
  }
}
