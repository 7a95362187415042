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
