# terraform query -generate-config-out=tasks.tf
list "aep_upgrade_task" "unfinished" {
  provider         = aep
  include_resource = true
  limit            = 1000

  config {
    product_id = 10005977
    statuses   = ["pending", "running"]
  }
}
