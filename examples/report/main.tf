# The report of a campaign, whether it was made with Terraform or in the console. The
# workflow in this folder posts it to a pull request. Pass product and task_name, or
# product and task_id:
#
#   terraform apply -var product="Water meters" -var task_name="Water meters to 1.3251"

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# Credentials come from the environment. Nothing here writes to the platform.
provider "aep" {
  read_only = true
}

variable "product" {
  description = "Name of the product of the campaign."
  type        = string
  default     = "Water meters"
}

variable "task_id" {
  description = "Task of the campaign. The default is the task with the name of the variable task_name."
  type        = number
  default     = null
}

variable "task_name" {
  description = "Name of the task in the console."
  type        = string
  default     = "Water meters to 1.3251"
}

data "aep_product" "campaign" {
  name = var.product
}

data "aep_upgrade_task" "campaign" {
  product_id = data.aep_product.campaign.product_id
  task_id    = var.task_id
  name       = var.task_id == null ? var.task_name : null
}

data "aep_upgrade_subtasks" "all" {
  product_id  = data.aep_upgrade_task.campaign.product_id
  task_id     = data.aep_upgrade_task.campaign.task_id
  max_results = 20000
}

# The outputs are sensitive so that an apply does not print them. They hold no secret.
output "report_markdown" {
  description = "The report for people."
  value       = data.aep_upgrade_subtasks.all.markdown
  sensitive   = true
}

output "report_csv" {
  description = "All devices with their results, for a spreadsheet."
  value       = data.aep_upgrade_subtasks.all.csv
  sensitive   = true
}

output "counts_by_result_code" {
  description = "Number of devices by result code."
  value       = data.aep_upgrade_subtasks.all.counts_by_result_code
}

output "counts_by_version" {
  description = "Number of devices by the firmware version that they run."
  value       = data.aep_upgrade_subtasks.all.counts_by_version
}
