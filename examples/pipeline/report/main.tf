# The report of the campaign. It has no backend: its state stays in the job.

terraform {
  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# The workflow sets AEP_READ_ONLY.
provider "aep" {}

data "aep_product" "meters" {
  name = "Water meters"
}

data "aep_upgrade_task" "meters" {
  product_id = data.aep_product.meters.product_id
  name       = "Water meters to 1.3251"
}

data "aep_upgrade_subtasks" "meters" {
  product_id  = data.aep_upgrade_task.meters.product_id
  task_id     = data.aep_upgrade_task.meters.task_id
  max_results = 20000
}

# The outputs are sensitive so that an apply does not print them. They hold no secret.
output "markdown" {
  description = "The report for people."
  value       = data.aep_upgrade_subtasks.meters.markdown
  sensitive   = true
}

output "csv" {
  description = "All devices with their results, for a spreadsheet."
  value       = data.aep_upgrade_subtasks.meters.csv
  sensitive   = true
}
