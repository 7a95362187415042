# <product id>/<task id>, or <product id>/<task id>/<set name>
terraform import aep_upgrade_devices.laboratory 10005977/3456/laboratory
