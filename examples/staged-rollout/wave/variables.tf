variable "campaign" {
  description = "Values that all waves share."
  type = object({
    product_id      = number
    firmware_id     = number
    name            = string
    device_ids_file = string
    weights         = list(number)
    seed            = string
    poll_interval   = string
  })
}

variable "index" {
  description = "Index of the weight of this wave, from 0."
  type        = number
}

variable "title" {
  description = "Title of the wave."
  type        = string
}

variable "minimum_success_percent" {
  description = "Percentage of the wave that must succeed before the next wave begins."
  type        = number
}

variable "abort_failure_percent" {
  description = "Percentage of failures that ends the wave and cancels its remaining devices."
  type        = number
}

variable "abort_minimum_devices" {
  description = "Number of final devices before failures are judged."
  type        = number
}
