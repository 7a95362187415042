# { product_id = 10005977, task_id = 3456 }
output "key" {
  value = provider::aep::parse_task_id("10005977/3456")
}
