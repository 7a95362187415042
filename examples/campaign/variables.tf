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
  description = "Name of the campaign, as the console shows it."
  type        = string
  default     = "Water meters to 1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line. Left out, it is devices.txt beside this configuration."
  type        = string
  default     = null
}
