variable "campaign" {
  description = "What all waves have in common."
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
  description = "Which of the weights is this wave's, from 0."
  type        = number
}

variable "title" {
  description = "What the wave is called."
  type        = string
}

variable "minimum_success_percent" {
  description = "Share of the wave that must succeed before the next one begins."
  type        = number
}

variable "abort_failure_percent" {
  description = "Share of failures that ends the wave early and cancels its rest."
  type        = number
}

variable "abort_minimum_devices" {
  description = "How many devices must be done before failures are judged."
  type        = number
}
