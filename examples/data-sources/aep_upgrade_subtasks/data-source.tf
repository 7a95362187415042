# The failed devices of a campaign: a table for people, and a file for programs.
data "aep_product" "lamps" {
  name = "Street lamps"
}

data "aep_upgrade_task" "lamps" {
  product_id = data.aep_product.lamps.product_id
  name       = "Street lamps to 10.3"
}

data "aep_upgrade_subtasks" "failed" {
  product_id = data.aep_upgrade_task.lamps.product_id
  task_id    = data.aep_upgrade_task.lamps.task_id
  phases     = ["failed"]
}

output "failed_by_result_code" {
  value = data.aep_upgrade_subtasks.failed.counts_by_result_code
}

# terraform output -raw report >> "$GITHUB_STEP_SUMMARY"
output "report" {
  value = data.aep_upgrade_subtasks.failed.markdown
}

# terraform output -raw failed_csv > failed.csv
output "failed_csv" {
  value     = data.aep_upgrade_subtasks.failed.csv
  sensitive = true # keeps the list out of the terminal
}
