package main

const (
	productID  = 10005977
	product    = "Water meters"
	allDevices = 5000 // of the product
	badVersion = "1.4000"
)
