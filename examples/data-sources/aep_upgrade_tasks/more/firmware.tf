data "aep_upgrade_tasks" "target" {
  product_id  = data.aep_product.meters.product_id
  firmware_id = data.aep_firmware.target.firmware_id
}

output "campaigns" {
  value = [for task in data.aep_upgrade_tasks.target.tasks : "${task.name}: ${task.status}"]
}
