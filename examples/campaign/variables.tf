variable "product_id" {
  description = "Product whose devices are upgraded."
  type        = number
  default     = 10005977
}

variable "firmware_id" {
  description = "Firmware for the devices."
  type        = number
  default     = 3297
}

variable "name" {
  description = "Name of the campaign in the console."
  type        = string
  default     = "Water meters to 1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line. The default is devices.txt next to this configuration."
  type        = string
  default     = null
}
