variable "product_id" {
  description = "Product whose devices are upgraded."
  type        = number
  default     = 10005977
}

variable "firmware_id" {
  description = "Firmware to bring to them."
  type        = number
  default     = 3297
}

variable "name" {
  description = "Name of the campaign; each wave adds its own to it. It also decides which devices are in which wave."
  type        = string
  default     = "Water meters to 1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line: a few hundred at least, or the first wave may be empty and test nothing."
  type        = string
}

variable "poll_interval" {
  description = "Time between two looks at a wave."
  type        = string
  default     = "30s"
}
