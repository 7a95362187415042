variable "product" {
  description = "Name of the product whose devices are upgraded."
  type        = string
  default     = "Water meters"
}

variable "firmware_version" {
  description = "Version of the firmware for the devices."
  type        = string
  default     = "1.3251"
}

variable "name" {
  description = "Name of the campaign. Each wave adds its title. The name also decides which devices are in which wave."
  type        = string
  default     = "Water meters to 1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line. With less than a few hundred ids, the first wave may be empty."
  type        = string
}

variable "poll_interval" {
  description = "Time between two reads of the state of a wave."
  type        = string
  default     = "30s"
}
