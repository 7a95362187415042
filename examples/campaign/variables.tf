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

variable "from_versions" {
  description = "Firmware versions to upgrade from. Devices with another version are left out."
  type        = list(string)
  default     = ["1.2800", "1.3000"]
}

variable "group" {
  description = "Name of the device group that is upgraded."
  type        = string
  default     = "north"
}

variable "name" {
  description = "Name of the campaign in the console."
  type        = string
  default     = "Water meters to 1.3251"
}

variable "device_ids_file" {
  description = "File with one device id a line. It replaces the group."
  type        = string
  default     = null
}
